/**
 * One member of a cluster as a process. {@link io.leasehold.server.LeaseholdServer} puts the parts
 * together; {@link io.leasehold.server.Main} runs it.
 */
@NullMarked
package io.leasehold.server;

import org.jspecify.annotations.NullMarked;
