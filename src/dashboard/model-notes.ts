import type { DeliveryStatus, Status } from './status.ts';

/** What people should know of the version that serves, of those that were refused, and of one that is on its way. */
export function modelNotes({ model, modelRefused, delivery }: Status): string[] {
  return [
    ...(model?.about ?? []),
    ...(modelRefused ? [`${modelRefused.id} was refused: ${modelRefused.reason}`] : []),
    ...(delivery ? deliveryNotes(delivery) : []),
  ];
}

function deliveryNotes({ id, received, of, last, problem }: DeliveryStatus): string[] {
  const notes: string[] = [];
  if (id !== undefined) notes.push(`${id} is being fetched, ${received} of ${of} pieces`);
  if (last?.outcome === 'refused')
    notes.push(`${last.id ?? 'a version'} from the broker was refused: ${last.reason}`);
  if (problem !== undefined) notes.push(`versions can't be fetched: ${problem}`);
  return notes;
}
