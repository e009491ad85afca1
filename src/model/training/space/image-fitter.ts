import { type ImageName, loadImages } from '../../space/image-runtime.ts';
import type { Node, Raster } from '../../space/space-artifact.ts';
import type { SpaceFitter } from './space-recipe.ts';

/** Channels of the hidden layers: small records carry no more. */
const hidden = 8;

/** A network over images: nodes are cells on a grid of latitudes and longitudes, land and cloud masked. */
export const imageFitter = (name: ImageName): SpaceFitter => ({
  shape: (nodes) => ({ hidden, raster: rasterOf(nodes, name) }),
  async fit(task, options) {
    await loadImages();
    const { fitImage } = await import('./fit-image.ts');
    return fitImage(name, task, options);
  },
});

/** Cells of an image are as wide as this many times the nodes at most: scattered stations are no grid. */
const sparse = 8;

/** Rows from the south, columns from the west, as many as there are different latitudes and longitudes. */
export function rasterOf(nodes: readonly Node[], network: string): Raster {
  const missing = nodes.find(({ latitude, longitude }) => latitude === undefined || longitude === undefined);
  if (missing)
    throw new Error(
      `${network} needs a grid, and ${missing.station} has no place: give it a CSV with latitude and longitude, or take --network graph`,
    );
  const rows = different(nodes.map(({ latitude }) => latitude!));
  const columns = different(nodes.map(({ longitude }) => longitude!));
  if (rows.length * columns.length > sparse * nodes.length)
    throw new Error(
      `${network} needs a grid: ${nodes.length} places on ${rows.length} latitudes and ${columns.length} longitudes are none; take --network graph`,
    );
  const cells = nodes.map(
    ({ latitude, longitude }) => rows.indexOf(latitude!) * columns.length + columns.indexOf(longitude!),
  );
  return { rows: rows.length, columns: columns.length, cells };
}

const different = (values: readonly number[]) => [...new Set(values)].sort((a, b) => a - b);
