import { tableContract } from '../contract/table.contract.ts';
import { MemoryTable } from '../fakes/memory-table.ts';

tableContract('in memory', async () => ({ table: new MemoryTable() }));
