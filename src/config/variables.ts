import { z } from 'zod';

const span = z
  .tuple([z.number(), z.number()])
  .refine(([low, high]) => low < high, { error: 'must be [low, high] with low below high' });

export const variableSchema = z.strictObject({
  unit: z.string(),
  standardName: z.string().optional(),
  title: z.string().optional(),
  grossRange: z.strictObject({ fail: span, suspect: span.optional() }).optional(),
  spike: z
    .strictObject({ suspect: z.number().positive(), fail: z.number().positive().optional() })
    .optional(),
  rateOfChange: z.strictObject({ suspect: z.number().positive() }).optional(),
  flatLine: z
    .strictObject({
      tolerance: z.number().nonnegative(),
      suspect: z.int().min(3),
      fail: z.int().min(3).optional(),
    })
    .optional(),
  ceiling: z.number().optional(),
});

export type Variable = z.output<typeof variableSchema>;

/**
 * The table of variables that holds unless the configuration says otherwise. Units are what values are stored and
 * forecast in. Ranges are for coastal and estuarine surface water and are meant to be narrowed by each network;
 * suspect spans are deliberately wide, since a real bloom trips a narrow one. Standard names: CF table 92, where
 * the quantity has one.
 */
export const defaultVariables: Record<string, Variable> = {
  airTemperature: {
    unit: 'degC',
    standardName: 'air_temperature',
    title: 'Air temperature',
    grossRange: { fail: [-40, 55], suspect: [-25, 45] },
    spike: { suspect: 4, fail: 12 },
    rateOfChange: { suspect: 15 },
    flatLine: { tolerance: 0.001, suspect: 18, fail: 72 },
  },
  salinity: {
    unit: '1e-3',
    standardName: 'sea_water_practical_salinity',
    title: 'Practical salinity',
    grossRange: { fail: [0, 45], suspect: [0, 41] },
    spike: { suspect: 6, fail: 20 },
    flatLine: { tolerance: 0.0001, suspect: 36, fail: 144 },
  },
  waterTemperature: {
    unit: 'degC',
    standardName: 'sea_water_temperature',
    title: 'Water temperature',
    grossRange: { fail: [-2.5, 45], suspect: [-2, 38] },
    spike: { suspect: 3, fail: 8 },
    rateOfChange: { suspect: 10 },
    flatLine: { tolerance: 0.0001, suspect: 36, fail: 144 },
  },
  chlorophyll: {
    unit: 'ug/L',
    standardName: 'mass_concentration_of_chlorophyll_a_in_sea_water',
    title: 'Chlorophyll a',
    grossRange: { fail: [-1, 1000], suspect: [-0.5, 200] },
    spike: { suspect: 25, fail: 150 },
    flatLine: { tolerance: 0.0001, suspect: 36, fail: 144 },
  },
  dissolvedOxygen: {
    unit: 'mg/L',
    standardName: 'mass_concentration_of_oxygen_in_sea_water',
    title: 'Dissolved oxygen',
    grossRange: { fail: [-0.2, 40], suspect: [0, 25] },
    spike: { suspect: 4, fail: 12 },
    flatLine: { tolerance: 0.0001, suspect: 36, fail: 144 },
  },
};

/** What rules can ask for although no sensor measures it, where the variables that it follows from are measured. */
export const derivedVariables: Record<string, { readonly unit: string; readonly title: string }> = {
  oxygenSaturation: { unit: '%', title: 'Oxygen saturation' },
};
