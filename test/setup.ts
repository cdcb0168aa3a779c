import * as fc from 'fast-check';

// A run that fails fails again. `SEED=$RANDOM npm test -- PATH` looks elsewhere.
fc.configureGlobal({ seed: Number(process.env['SEED'] ?? 2306_08247) });
