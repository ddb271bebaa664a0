/** What processes and the machine spent, as the kernel counts it. */
@NullMarked
package io.leasehold.bench.measure;

import org.jspecify.annotations.NullMarked;
