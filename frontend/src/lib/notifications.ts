export type Permission = NotificationPermission | "unsupported";

const supported = () => "Notification" in window && window.isSecureContext;

export function readPermission(): Permission {
  return supported() ? Notification.permission : "unsupported";
}

/** Only after a click: browsers refuse to ask otherwise. */
export async function askPermission(): Promise<Permission> {
  if (!supported()) return "unsupported";
  return Notification.permission === "default" ? Notification.requestPermission() : Notification.permission;
}

interface Notice {
  title: string;
  body: string;
  /** The same message is never shown twice at the same time. */
  tag: string;
  url: string;
  onClick: () => void;
}

/** Gives back how to take it away again. */
export function notify({ title, body, tag, url, onClick }: Notice): () => void {
  const options = { body, tag, icon: "/icons/icon-192.png", data: { url } };
  try {
    const notification = new Notification(title, options);
    notification.addEventListener("click", () => {
      window.focus();
      notification.close();
      onClick();
    });
    return () => notification.close();
  } catch {
    // On phones only the service worker may show them; it also handles the click.
    void navigator.serviceWorker?.ready.then((worker) => worker.showNotification(title, options)).catch(() => undefined);
    return () => undefined;
  }
}
