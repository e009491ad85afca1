import { createRequire } from 'node:module';
import { Resvg } from '@resvg/resvg-js';

const require = createRequire(import.meta.url);

/** Shipped with us, since a server need not have any font, and letters would be missing in silence. */
const fonts = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((file) =>
  require.resolve(`dejavu-fonts-ttf/ttf/${file}`),
);

/** An SVG as PNG, with as many pixels for one as `zoom` says. The same on every machine: no font of its own is used. */
export function png(svg: string, zoom = 1.5): Buffer {
  const font = { fontFiles: fonts, loadSystemFonts: false, defaultFontFamily: 'DejaVu Sans' };
  return Buffer.from(new Resvg(svg, { font, fitTo: { mode: 'zoom', value: zoom } }).render().asPng());
}
