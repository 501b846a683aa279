-- CreateEnum
CREATE TYPE "FileStatus" AS ENUM ('UPLOADING', 'VERIFYING', 'READY', 'FAILED');

-- DropIndex
DROP INDEX "CreditThreshold_customerId_idx";

-- CreateTable
CREATE TABLE "File" (
    "id" TEXT NOT NULL,
    "organizationId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "currentId" TEXT NOT NULL,
    "archivedAt" TIMESTAMPTZ(3),
    "deletedAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "File_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "FileVersion" (
    "id" TEXT NOT NULL,
    "organizationId" TEXT NOT NULL,
    "fileId" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "note" TEXT,
    "contentType" TEXT NOT NULL,
    "size" BIGINT NOT NULL,
    "status" "FileStatus" NOT NULL DEFAULT 'UPLOADING',
    "expectedSha256" TEXT,
    "sha256" TEXT,
    "failure" TEXT,
    "uploadId" TEXT,
    "parts" JSONB,
    "verifiedBytes" BIGINT NOT NULL DEFAULT 0,
    "heardAt" TIMESTAMPTZ(3),
    "readyAt" TIMESTAMPTZ(3),
    "freedAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "FileVersion_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "FileDownload" (
    "versionId" TEXT NOT NULL,
    "customerId" TEXT NOT NULL,
    "count" INTEGER NOT NULL,
    "lastAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "FileDownload_pkey" PRIMARY KEY ("versionId","customerId")
);

-- CreateIndex
CREATE INDEX "File_organizationId_id_idx" ON "File"("organizationId", "id");

-- CreateIndex
CREATE INDEX "FileVersion_organizationId_freedAt_idx" ON "FileVersion"("organizationId", "freedAt");

-- CreateIndex
CREATE INDEX "FileVersion_status_createdAt_idx" ON "FileVersion"("status", "createdAt");

-- CreateIndex
CREATE UNIQUE INDEX "FileVersion_fileId_number_key" ON "FileVersion"("fileId", "number");

-- CreateIndex
CREATE INDEX "FileDownload_customerId_idx" ON "FileDownload"("customerId");

-- AddForeignKey
ALTER TABLE "File" ADD CONSTRAINT "File_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES "Organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "FileVersion" ADD CONSTRAINT "FileVersion_fileId_fkey" FOREIGN KEY ("fileId") REFERENCES "File"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "FileDownload" ADD CONSTRAINT "FileDownload_versionId_fkey" FOREIGN KEY ("versionId") REFERENCES "FileVersion"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "FileDownload" ADD CONSTRAINT "FileDownload_customerId_fkey" FOREIGN KEY ("customerId") REFERENCES "Customer"("id") ON DELETE CASCADE ON UPDATE CASCADE;
-- By hand: what a Prisma schema cannot say.
