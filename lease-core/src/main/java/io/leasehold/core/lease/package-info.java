/**
 * Leases in memory: the record and the table of those alive. One writer, the apply thread; any
 * reader.
 */
@NullMarked
package io.leasehold.core.lease;

import org.jspecify.annotations.NullMarked;
