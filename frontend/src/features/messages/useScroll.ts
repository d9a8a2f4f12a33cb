import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

const NEAR_PX = 80;

interface ScrollKeys {
  first: string | undefined;
  last: string | undefined;
  lastIsOwn: boolean;
}

/**
 * Keeps a conversation where the reader is: at the bottom if they were there, on the same message when older ones come
 * in above. One's own new message always goes to the bottom.
 */
export function useScroll(box: RefObject<HTMLElement | null>, content: RefObject<HTMLElement | null>, keys: ScrollKeys) {
  const [atBottom, setAtBottom] = useState(true);
  const sticking = useRef(true);
  const fromBottom = useRef(0);
  const seen = useRef<ScrollKeys>({ first: undefined, last: undefined, lastIsOwn: false });

  const toBottom = useCallback(() => {
    const element = box.current;
    if (!element) return;
    element.scrollTop = element.scrollHeight;
    sticking.current = true;
    setAtBottom(true);
  }, [box]);

  const onScroll = useCallback(() => {
    const element = box.current;
    if (!element) return;
    fromBottom.current = element.scrollHeight - element.scrollTop;
    sticking.current = fromBottom.current - element.clientHeight < NEAR_PX;
    setAtBottom(sticking.current);
  }, [box]);

  useLayoutEffect(() => {
    const element = box.current;
    const before = seen.current;
    seen.current = keys;
    if (!element || keys.first === undefined) return;
    if (before.first === undefined) {
      const line = element.querySelector<HTMLElement>("[data-new-line]");
      if (line) element.scrollTop = line.offsetTop - element.clientHeight / 4;
      else element.scrollTop = element.scrollHeight;
      onScroll();
    } else if (before.last !== keys.last && keys.lastIsOwn) toBottom();
    else if (sticking.current) element.scrollTop = element.scrollHeight;
    else if (before.first !== keys.first) element.scrollTop = element.scrollHeight - fromBottom.current;
  }, [box, keys, onScroll, toBottom]);

  useEffect(() => {
    // A growing composer, a turned phone or a late picture must not push the newest message out of sight.
    const observer = new ResizeObserver(() => {
      if (sticking.current && box.current) box.current.scrollTop = box.current.scrollHeight;
    });
    if (box.current) observer.observe(box.current);
    if (content.current) observer.observe(content.current);
    return () => observer.disconnect();
  }, [box, content]);

  return { atBottom, onScroll, toBottom };
}
