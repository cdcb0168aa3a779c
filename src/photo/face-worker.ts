/** The thread of faces.ts: answers one question after the other. Runs in a worker only. */
import { createRequire } from 'node:module';
import path from 'node:path';
import { parentPort } from 'node:worker_threads';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as faceapi from '@vladmandic/face-api/dist/face-api.node-wasm.js';
import type { Face, FaceAnswer, FaceQuestion } from './faces.ts';

/** More people than this in one picture are a crowd, in which nobody is kept. */
const maxFaces = 20;

async function loadModels(): Promise<void> {
  const { resolve } = createRequire(import.meta.url);
  setWasmPaths(path.dirname(resolve('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm')) + path.sep);
  tf.enableProdMode();
  if (!(await tf.setBackend('wasm'))) throw new Error('The WebAssembly backend did not start.');
  const models = path.join(path.dirname(resolve('@vladmandic/face-api/package.json')), 'model');
  const { ssdMobilenetv1, tinyFaceDetector, faceLandmark68Net, faceLandmark68TinyNet } = faceapi.nets;
  for (const net of [ssdMobilenetv1, tinyFaceDetector, faceLandmark68Net, faceLandmark68TinyNet]) {
    await net.loadFromDisk(models);
  }
}

/**
 * Mean distance of the two landmark networks' points over the face's width, above which a face is doubtful: people
 * measure 0.01 to 0.02, a cat that fills the picture, which the detector takes for a face with a score of 0.93, 0.06.
 */
const doubtfulDisagreement = 0.045;

async function findFaces({ width, height, rgb, minScore }: FaceQuestion): Promise<Face[]> {
  const pixels = faceapi.tf.tensor3d(rgb, [height, width, 3], 'int32');
  try {
    const options = new faceapi.SsdMobilenetv1Options({ minConfidence: minScore, maxResults: maxFaces });
    const found = await faceapi.detectAllFaces(pixels, options).withFaceLandmarks();
    const faces: Face[] = [];
    for (const one of found) if (await isPerson(pixels, one)) faces.push(plain(one));
    return faces;
  } finally {
    pixels.dispose();
  }
}

type Found = faceapi.WithFaceLandmarks<{ detection: faceapi.FaceDetection }>;

/** A doubtful face counts when a detector of another make sees one there as well. */
async function isPerson(
  pixels: ReturnType<typeof faceapi.tf.tensor3d>,
  { detection, unshiftedLandmarks }: Found,
): Promise<boolean> {
  const [cut] = await faceapi.extractFaceTensors(pixels, [detection]);
  try {
    const second = await faceapi.detectFaceLandmarksTiny(cut);
    if (Array.isArray(second)) return false;
    const points = second.positions;
    const apart = unshiftedLandmarks.positions.map(({ x, y }, at) => Math.hypot(x - points[at].x, y - points[at].y));
    const mean = apart.reduce((sum, distance) => sum + distance, 0) / apart.length;
    if (mean <= doubtfulDisagreement * detection.box.width) return true;
  } finally {
    cut.dispose();
  }
  const others = await faceapi.detectAllFaces(pixels, new faceapi.TinyFaceDetectorOptions({ scoreThreshold: 0.5 }));
  return others.some((other) => faceapi.iou(other.box, detection.box) > 0.3);
}

function plain({ detection: { box, score }, landmarks }: Found): Face {
  return {
    box: { left: box.x, top: box.y, width: box.width, height: box.height },
    landmarks: landmarks.positions.map(({ x, y }) => ({ x, y })),
    score,
  };
}

const port = parentPort;
if (port === null) throw new Error('face-worker.ts runs in a worker thread only.');
const loaded = loadModels();
let answered: Promise<void> = loaded;
port.on('message', (question: FaceQuestion) => {
  answered = answered.then(async () => {
    try {
      port.postMessage({ id: question.id, faces: await findFaces(question) } satisfies FaceAnswer);
    } catch (cause) {
      port.postMessage({ id: question.id, failure: String(cause) } satisfies FaceAnswer);
    }
  });
});
