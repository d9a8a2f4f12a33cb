import { defineConfig } from "@hey-api/openapi-ts";

const plugins = ["@hey-api/typescript", "@hey-api/sdk", "@hey-api/client-axios"] as const;

export default defineConfig(
  ["auth", "chat"].map((service) => ({
    input: `./openapi/${service}.json`,
    output: `./src/api/generated/${service}`,
    plugins: [...plugins],
  })),
);
