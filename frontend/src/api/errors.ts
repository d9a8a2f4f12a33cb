import axios from "axios";

export interface FieldError {
  field: string;
  type: string;
}

/** Every failure of a call, in one shape: `status` 0 means that no answer came at all. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  /** Seconds the server asks to wait, if it said so. */
  readonly retryAfter: number | null;
  readonly fields: readonly FieldError[];

  constructor(status: number, code: string, retryAfter: number | null = null, fields: readonly FieldError[] = []) {
    super(`${status} ${code}`);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
    this.fields = fields;
  }

  /** Trying the same again later may work: nothing is wrong with the request itself. */
  get isTransient(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 425 || this.status === 429 || this.status >= 500;
  }
}

interface Problem {
  code?: unknown;
  errors?: unknown;
}

function fieldErrors(errors: unknown): FieldError[] {
  if (!Array.isArray(errors)) return [];
  return errors.flatMap((entry: { loc?: unknown; type?: unknown }) =>
    Array.isArray(entry.loc) ? [{ field: String(entry.loc.at(-1)), type: String(entry.type) }] : [],
  );
}

export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (!axios.isAxiosError<Problem>(error)) return new ApiError(0, "unexpected");
  if (error.code === "ERR_CANCELED") return new ApiError(0, "cancelled");
  const response = error.response;
  if (!response) return new ApiError(0, "network");
  const seconds = Number(response.headers["retry-after"]);
  const code = typeof response.data?.code === "string" ? response.data.code : `http_${response.status}`;
  return new ApiError(
    response.status,
    code,
    Number.isFinite(seconds) && seconds > 0 ? seconds : null,
    fieldErrors(response.data?.errors),
  );
}
