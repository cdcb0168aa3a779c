import { Fault } from '../errors.ts';
import type { Json, JsonObject } from './tables.ts';

/** A JSON column as the object that was written into it. @throws Fault where it holds something else. */
export function toObject(column: string, name: string): JsonObject {
  let value: Json;
  try {
    value = JSON.parse(column) as Json;
  } catch (error) {
    throw new Fault(`Expected JSON in the column \`${name}\`.`, { cause: error });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Fault(`Expected a JSON object in the column \`${name}\`.`);
  }
  return value as JsonObject;
}
