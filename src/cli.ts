#!/usr/bin/env node
/** The entry of the command line: results on stdout, everything else on stderr; exit status 0, 1 (failed) or 2 (used wrongly). */
import { Command, CommanderError } from 'commander';

import { addAuditCommand } from './cli/audit.ts';
import { addBackupCommand } from './cli/backup.ts';
import { addCasesCommand } from './cli/cases.ts';
import { addDemoCommand } from './cli/demo.ts';
import { addDoctorCommand } from './cli/doctor.ts';
import { reportFailure } from './cli/failures.ts';
import { addGenerateCommand } from './cli/generate.ts';
import { addHashesCommand } from './cli/hashes.ts';
import { addJobsCommand } from './cli/jobs.ts';
import { addModelsCommand } from './cli/models.ts';
import { addParityCommand } from './cli/parity.ts';
import { addQueueCommand } from './cli/queue.ts';
import { addRegisterCommand } from './cli/register.ts';
import { addRestoreCommand } from './cli/restore.ts';
import { addSanctionsCommand } from './cli/sanctions.ts';
import { addStartCommand } from './cli/start.ts';
import { addVaryCommand } from './cli/vary.ts';
import { addWeightCommand } from './cli/weight.ts';

const program = new Command('cowbot')
  .description('Keeps the pixels of your photo and paints everything around them to your prompt.')
  .showHelpAfterError('(cowbot --help tells more)')
  .exitOverride();

addGenerateCommand(program);
addVaryCommand(program);
addDemoCommand(program);
addDoctorCommand(program);
addModelsCommand(program);
addParityCommand(program);
addStartCommand(program);
addRegisterCommand(program);
addJobsCommand(program);
addQueueCommand(program);
addWeightCommand(program);
addAuditCommand(program);
addCasesCommand(program);
addSanctionsCommand(program);
addHashesCommand(program);
addBackupCommand(program);
addRestoreCommand(program);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else process.exitCode = reportFailure(error);
}
