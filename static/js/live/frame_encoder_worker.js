// Takes a frame; returns its JPEG and the frame itself.

const canvas = new OffscreenCanvas(1, 1);
const context = canvas.getContext("2d");

self.onmessage = async ({ data: { bitmap, width, height, jpegQuality } }) => {
  try {
    canvas.width = width;
    canvas.height = height;
    context.drawImage(bitmap, 0, 0, width, height);
    const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: jpegQuality });
    const bytes = await blob.arrayBuffer();
    self.postMessage({ bytes, bitmap }, [bytes, bitmap]);
  } catch (error) {
    self.postMessage({ failure: String(error) });
  }
};
