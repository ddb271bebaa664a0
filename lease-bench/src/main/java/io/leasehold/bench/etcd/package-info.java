/**
 * What load says to a member: etcd's methods and the batches of {@code leasehold.v1}, and messages
 * that are read and written without detours where they are many.
 */
@NullMarked
package io.leasehold.bench.etcd;

import org.jspecify.annotations.NullMarked;
