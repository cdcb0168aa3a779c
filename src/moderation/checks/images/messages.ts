/** What the picture checker and its classifier process say to each other. */

/** Width and height of what the classifier looks at. */
export const classifiedSidePx = 224;

/** `rgb`: 224 * 224 * 3 bytes, 8 bit sRGB, row by row. */
export type Question = { id: number; rgb: Uint8Array };

/** Probabilities from 0 to 1 that add up to 1, in the classifier's own classes. */
export type Scores = { drawing: number; hentai: number; neutral: number; porn: number; sexy: number };

export type Answer = { id: number } & ({ scores: Scores } | { failure: string });
