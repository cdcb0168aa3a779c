/** Results as chats show them: smaller or several in one, and marked like the files that they are made of. */
import { type DigitalSource, readMarks } from './marks.ts';

/**
 * Where the pixels of a picture that is made of results come from: of a kept photo too, if those of one of them do.
 * @param files results; one without a mark counts as painted altogether.
 */
export async function sourceOf(files: readonly Uint8Array[]): Promise<DigitalSource> {
  const marks = await Promise.all(files.map((file) => readMarks(file)));
  const isComposite = marks.some(({ source }) => source === 'compositeWithTrainedAlgorithmicMedia');
  return isComposite ? 'compositeWithTrainedAlgorithmicMedia' : 'trainedAlgorithmicMedia';
}
