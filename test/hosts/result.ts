/** The line of JSON that a host's script answers with. */
export interface Result {
  readonly schema: 1;
  readonly service: string;
  readonly action: string;
  readonly state: 'running' | 'failed' | 'absent' | 'busy' | 'refused';
  readonly version: string | null;
  readonly digest: string | null;
  readonly good: string | null;
  readonly startedAt: string | null;
  readonly active: boolean;
  readonly health: 'passed' | 'failed' | 'none';
  readonly held: string | null;
  readonly reason: string;
  readonly took: number;
}
