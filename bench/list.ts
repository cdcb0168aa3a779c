export interface Benchmark {
  readonly name: string;
  readonly about: string;
  /** Loads its module only when it is run: most of what the others need is never touched. */
  run(flags: readonly string[]): Promise<void>;
}

export const benchmarks: readonly Benchmark[] = [
  {
    name: 'ack',
    about: 'how long people wait for the first word of a busy bot (--seconds N, --per-second N, --platform NAME)',
    run: async (flags) => (await import('./ack.ts')).run(flags),
  },
  {
    name: 'crash',
    about:
      'bot and engine killed again and again: what is lost, comes twice or gets stuck (--jobs N, --kills N, --seed N)',
    run: async (flags) => (await import('./crash.ts')).run(flags),
  },
  {
    name: 'engine',
    about: 'phases, network calls, overhead, memory and cold start of the engine',
    run: async (flags) => (await import('./engine.ts')).run(flags),
  },
  {
    name: 'fairness',
    about: 'how far shares are from fair, under four policies and five workloads',
    run: async (flags) => (await import('./fairness.ts')).run({ json: flags.includes('--json') }),
  },
  {
    name: 'moderation',
    about: 'what the checks cost a job and the acknowledgement, and which copies of removed pictures are caught',
    run: async (flags) => (await import('./moderation.ts')).run({ json: flags.includes('--json') }),
  },
  {
    name: 'moderation-crowd',
    about:
      'a crowd reports, decides, shares and deletes while the bot is killed (--pictures N, --moderators N, --kills N)',
    run: async (flags) => (await import('./moderation-crowd.ts')).run(flags),
  },
  {
    name: 'queue',
    about: 'what a decision, a submission and an estimate cost among many waiting jobs',
    run: async (flags) => (await import('./queue.ts')).run({ json: flags.includes('--json') }),
  },
];
