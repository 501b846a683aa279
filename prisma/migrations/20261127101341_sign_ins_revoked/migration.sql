-- This is an empty migration.
-- By hand: what a Prisma schema cannot say.
-- Every node asks twice a second who was just signed out. There are few of them.
CREATE INDEX "AccessToken_revokedAt" ON "AccessToken" ("revokedAt") WHERE "revokedAt" IS NOT NULL;
CREATE INDEX "CustomerSession_revokedAt" ON "CustomerSession" ("revokedAt") WHERE "revokedAt" IS NOT NULL;
