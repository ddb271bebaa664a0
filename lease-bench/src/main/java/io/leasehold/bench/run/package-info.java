/** The commands: what is asked for, on which clusters, in which order. */
@NullMarked
package io.leasehold.bench.run;

import org.jspecify.annotations.NullMarked;
