/** Encodes on the page's own thread: works everywhere. */
export class CanvasEncoder {
  #canvas = document.createElement("canvas");

  /** {bytes: ArrayBuffer, bitmap}; the bitmap shows the same instant at the camera's full size. */
  async encode(video, { width, height, jpegQuality }) {
    const bitmap = await createImageBitmap(video);
    this.#canvas.width = width;
    this.#canvas.height = height;
    this.#canvas.getContext("2d").drawImage(bitmap, 0, 0, width, height);
    const blob = await new Promise((resolve) => this.#canvas.toBlob(resolve, "image/jpeg", jpegQuality));
    return { bytes: await blob.arrayBuffer(), bitmap };
  }

  stop() {}
}
