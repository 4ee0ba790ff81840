import type { ConveyorConfig } from '../../../lambdas/domain/config.ts';
import type { FleetDraw } from '../draw-fleets.ts';
import type { Run } from './functions.ts';
import type { Process } from './process.ts';

/** What a test of the simulator breaks on purpose. */
export type Sabotage = (run: Run, process: Process) => Run;

export interface WorldOptions {
  readonly seed: number;
  readonly config: ConveyorConfig;
  /** Clocks differ by up to so many milliseconds. @default 0 */
  readonly skew?: number;
  /** Layers of an image. @default 2 */
  readonly layers?: number;
  /** Milliseconds that moving a layer takes, from and to. @default 0 to 3000 */
  readonly slowness?: readonly [least: number, most: number];
  /** Milliseconds that a tarball takes to read, from and to. @default none */
  readonly reading?: readonly [least: number, most: number] | undefined;
  /** @default none */
  readonly fleets?: readonly FleetDraw[];
  /** False: the oldest goes first, always. @default true */
  readonly shuffled?: boolean;
  readonly sabotage?: Sabotage;
}

/** What CI made and brought to where releases come from. */
export interface Pushed {
  readonly service: string;
  readonly version: string;
  readonly digest: string;
  /** A tarball's event was sent at once, and nobody did anything else about it. */
  readonly isTold?: boolean;
}

export interface Policy {
  readonly at: number;
  readonly config: ConveyorConfig;
}
