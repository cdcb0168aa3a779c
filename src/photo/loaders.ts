/** Narrows libvips to the three decoders that uploads need. */
import sharp from 'sharp';

// libvips keeps this switch once a process, so its mirror is the process's too. Applying it twice would block the three
// decoders for a moment in which a picture may be decoding on another thread.
let narrowed = false;

/**
 * Takes every decoder but JPEG, PNG and WebP from buffers out of this process's libvips, for good: SVG, TIFF, GIF, PDF
 * and files by path are far more code than a stranger's bytes should reach. Repeating it does nothing.
 */
export function allowPhotoLoadersOnly(): void {
  if (narrowed) return;
  narrowed = true;
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({
    operation: ['VipsForeignLoadJpegBuffer', 'VipsForeignLoadPngBuffer', 'VipsForeignLoadWebpBuffer'],
  });
}
