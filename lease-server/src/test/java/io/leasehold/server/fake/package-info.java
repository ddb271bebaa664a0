/** A cluster without a network and without disks, for tests of everything above the engine. */
package io.leasehold.server.fake;
