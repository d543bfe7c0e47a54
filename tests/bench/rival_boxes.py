"""Boxes of one public face detector on a folder of pictures, as JSON lines; it needs nothing of this project.

    python rival_boxes.py NAME FILE [FILE ...] < /dev/null

Run by detectors.py with the interpreter of an environment that holds the rival:
`haar` (opencv-contrib-python-headless 4), `mediapipe_short` and `mediapipe_full` (mediapipe 0.10.21),
`mtcnn` (facenet-pytorch). Each line: {"boxes": [[x1, y1, x2, y2, score], ...] in pixels, "ms": ...}; the time
is of the detection alone, after the picture was decoded.
"""

import json
import os
import sys
import time

os.environ["GLOG_minloglevel"] = "3"  # noqa: SIM112 (glog reads this name)
import cv2

MIN_SCORE = 0.01
WARM_UPS = 5


def haar():
    cascade = cv2.CascadeClassifier(cv2.data.haarcascades + "haarcascade_frontalface_default.xml")

    def find(image_bgr):
        grey = cv2.cvtColor(image_bgr, cv2.COLOR_BGR2GRAY)
        boxes, _, weights = cascade.detectMultiScale3(
            grey, scaleFactor=1.1, minNeighbors=3, minSize=(12, 12), outputRejectLevels=True
        )
        return [[x, y, x + w, y + h, weight] for (x, y, w, h), weight in zip(boxes, weights, strict=True)]

    return find


def mediapipe(model):
    from mediapipe.python.solutions.face_detection import FaceDetection

    detector = FaceDetection(model_selection=model, min_detection_confidence=MIN_SCORE)

    def find(image_bgr):
        height, width = image_bgr.shape[:2]
        answer = detector.process(cv2.cvtColor(image_bgr, cv2.COLOR_BGR2RGB))
        found = []
        for hit in answer.detections or []:
            box = hit.location_data.relative_bounding_box
            x1, y1 = box.xmin * width, box.ymin * height
            found.append([x1, y1, x1 + box.width * width, y1 + box.height * height, hit.score[0]])
        return found

    return find


def mtcnn():
    from facenet_pytorch import MTCNN

    detector = MTCNN(keep_all=True, min_face_size=12, thresholds=[0.5, 0.6, 0.6], device="cpu")

    def find(image_bgr):
        boxes, scores = detector.detect(cv2.cvtColor(image_bgr, cv2.COLOR_BGR2RGB))
        if boxes is None:
            return []
        return [[*box, score] for box, score in zip(boxes.tolist(), scores.tolist(), strict=True)]

    return find


RIVALS = {
    "haar": haar,
    "mediapipe_short": lambda: mediapipe(0),
    "mediapipe_full": lambda: mediapipe(1),
    "mtcnn": mtcnn,
}


def main():
    find = RIVALS[sys.argv[1]]()
    files = sys.argv[2:]
    for _ in range(WARM_UPS):
        find(cv2.imread(files[0]))
    for file in files:
        image = cv2.imread(file)
        begin = time.perf_counter()
        boxes = find(image)
        ms = (time.perf_counter() - begin) * 1000
        print(json.dumps({"boxes": [[float(value) for value in box] for box in boxes], "ms": ms}), flush=True)


if __name__ == "__main__":
    main()
