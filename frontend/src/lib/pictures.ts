/** The size at which the browser shows a picture, turned upright; null without one. Rejects when it cannot be decoded. */
export async function measurePicture(url: string | null): Promise<{ width: number; height: number } | null> {
  if (url === null) return null;
  const picture = new Image();
  picture.src = url;
  await picture.decode();
  return { width: picture.naturalWidth, height: picture.naturalHeight };
}
