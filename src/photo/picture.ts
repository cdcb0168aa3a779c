/** The plain shapes that every file of this room passes around. */

/** In pixels. */
export type Size = { width: number; height: number };

/** In pixels; `left` and `top` may be negative and fractional where a file says so. */
export type Box = { left: number; top: number; width: number; height: number };

/** `rgb`: width * height * 3 bytes, 8 bit sRGB, row by row, no padding (HWC). */
export type Picture = Size & { rgb: Uint8Array };
