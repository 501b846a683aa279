-- CreateTable
CREATE TABLE "AllowanceTurn" (
    "name" TEXT NOT NULL,
    "holder" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "AllowanceTurn_pkey" PRIMARY KEY ("name","holder")
);

-- CreateIndex
CREATE INDEX "AllowanceTurn_name_at_idx" ON "AllowanceTurn"("name", "at");
-- By hand: what a Prisma schema cannot say.
