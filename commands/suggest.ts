/** Proposals while somebody types: their own prompts of before. */
import { listJobs } from '../src/store/jobs.ts';
import type { Asked } from './asked.ts';
import type { SuggestAct } from './contract/act.ts';
import { briefly } from './under-way.ts';

const looked = 100;
const most = 25;
/** Discord takes no longer value of a choice (https://discord.com/developers/docs/interactions/application-commands). */
const longestValue = 100;

export async function suggest({ person, services, chat }: Asked, { text }: SuggestAct): Promise<void> {
  const jobs = await listJobs(services.store.db, { personId: person.id }, { limit: looked });
  const typed = text.trim().toLowerCase();
  const prompts = [...new Set(jobs.map(({ prompt }) => prompt))].filter(
    (prompt) => prompt.length <= longestValue && prompt.toLowerCase().includes(typed),
  );
  await chat.suggest(prompts.slice(0, most).map((value) => ({ label: briefly(value), value })));
}
