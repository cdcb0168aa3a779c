import { double, type SchemaStep } from './ddl.ts';

/** Blobs and who needs them, the pictures of a job, and the outbox that delivers them. */
export const resultsStep: SchemaStep = {
  name: '0002-results',
  up: async ({ schema }) => {
    await schema
      .createTable('blobs')
      .addColumn('hash', 'text', (c) => c.primaryKey())
      .addColumn('bytes', 'bigint', (c) => c.notNull())
      .addColumn('mediaType', 'text', (c) => c.notNull())
      .addColumn('createdAt', 'bigint', (c) => c.notNull())
      .addColumn('touchedAt', 'bigint', (c) => c.notNull())
      .execute();
    await schema.createIndex('blobsTouched').on('blobs').columns(['touchedAt', 'hash']).execute();
    await schema
      .createTable('blobRefs')
      .addColumn('hash', 'text', (c) => c.notNull().references('blobs.hash'))
      .addColumn('ownerKind', 'text', (c) => c.notNull())
      .addColumn('ownerId', 'text', (c) => c.notNull())
      .addColumn('role', 'text', (c) => c.notNull())
      .addColumn('expiresAt', 'bigint')
      .addPrimaryKeyConstraint('blobRefsKey', ['ownerKind', 'ownerId', 'role', 'hash'])
      .execute();
    await schema.createIndex('blobRefsHash').on('blobRefs').column('hash').execute();
    await schema
      .createIndex('blobRefsExpiry')
      .on('blobRefs')
      .column('expiresAt')
      .where('expiresAt', 'is not', null)
      .execute();

    await schema
      .createTable('pictures')
      .addColumn('jobId', 'text', (c) => c.notNull().references('jobs.id').onDelete('cascade'))
      .addColumn('number', 'bigint', (c) => c.notNull())
      .addColumn('state', 'text', (c) => c.notNull())
      .addColumn('seed', 'bigint', (c) => c.notNull())
      .addColumn('widthPx', 'bigint', (c) => c.notNull())
      .addColumn('heightPx', 'bigint', (c) => c.notNull())
      .addColumn('pngHash', 'text')
      .addColumn('previewHash', 'text')
      .addColumn('latentsHash', 'text')
      .addColumn('engineMs', double, (c) => c.notNull())
      .addColumn('createdAt', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('picturesKey', ['jobId', 'number'])
      .execute();

    await schema
      .createTable('deliveries')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('jobId', 'text', (c) => c.notNull().references('jobs.id').onDelete('cascade'))
      .addColumn('subject', 'text', (c) => c.notNull())
      .addColumn('adapter', 'text', (c) => c.notNull())
      .addColumn('lane', 'text', (c) => c.notNull())
      .addColumn('address', 'text', (c) => c.notNull())
      .addColumn('state', 'text', (c) => c.notNull())
      .addColumn('attemptCount', 'bigint', (c) => c.notNull())
      .addColumn('nextAttemptAt', 'bigint', (c) => c.notNull())
      .addColumn('reason', 'text')
      .addColumn('createdAt', 'bigint', (c) => c.notNull())
      .addColumn('sentAt', 'bigint')
      .addColumn('receipt', 'text')
      .addUniqueConstraint('deliveriesSubject', ['jobId', 'subject'])
      .execute();
    await schema.createIndex('deliveriesDue').on('deliveries').columns(['state', 'nextAttemptAt', 'id']).execute();
  },
};
