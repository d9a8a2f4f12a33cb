import { useTranslation } from "react-i18next";
import { Hits } from "./Hits";
import { useMessageSearch } from "./useMessageSearch";

/** Messages with anybody, under the people of the same name. */
export default function MessageResults({ words, here }: { words: string; here: number | null }) {
  const { t } = useTranslation();
  const search = useMessageSearch(words, null);
  return (
    <section aria-labelledby="found-messages" className="border-t border-line p-2">
      <h3 id="found-messages" className="px-3 py-2 text-sm font-semibold text-muted">{t("search.results")}</h3>
      <Hits search={search} here={here} />
    </section>
  );
}
