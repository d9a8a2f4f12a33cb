import { useEffect } from "react";
import { useLocation, useNavigate } from "react-router";

export const SEARCH_FIELD = "people-search";

/** Carried by a visit to /chat that was made only to look somebody up. */
interface Looking {
  looking?: boolean;
}

const findField = () => {
  const field = document.getElementById(SEARCH_FIELD);
  // On a phone it is on another page than the conversation.
  return field instanceof HTMLInputElement && field.offsetParent !== null ? field : null;
};

/** A way to the field from anywhere: where it is not on the page, the page that has it is opened. */
export function useFindPeople(): () => void {
  const navigate = useNavigate();
  return () => {
    const field = findField();
    if (!field) void navigate("/chat", { state: { looking: true } satisfies Looking });
    field?.focus();
    field?.select();
  };
}

/** For the page that has the field; gives back whether somebody came only for it, and would like to go back. */
export function useArrival(): boolean {
  const { state, key } = useLocation();
  const looking = (state as Looking | null)?.looking ?? false;
  useEffect(() => {
    if (looking) findField()?.focus();
  }, [looking, key]);
  return looking;
}
