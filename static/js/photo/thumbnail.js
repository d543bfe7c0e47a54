const WIDTH = 144;
const HEIGHT = 108;

/** Paints a small image of a file onto a canvas; a file that is no image leaves it empty. */
export async function paintThumbnail(canvas, file) {
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    return;
  }
  const scale = Math.max(WIDTH / bitmap.width, HEIGHT / bitmap.height);
  const [width, height] = [bitmap.width * scale, bitmap.height * scale];
  canvas.getContext("2d").drawImage(bitmap, (WIDTH - width) / 2, (HEIGHT - height) / 2, width, height);
  bitmap.close();
}
