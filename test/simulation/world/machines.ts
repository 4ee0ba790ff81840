import { readDefinition } from '../asl/definition.ts';
import type { Machine } from '../asl/interpreter.ts';

/** The machines that are deployed. */
export const MACHINES = {
  promote: machine('promote'),
  sweep: machine('sweep'),
  provision: machine('provision'),
} as const;

function machine(name: string): Machine {
  return { name, definition: readDefinition(name) };
}
