/** The port through which the domain proposes commands to the replicated log. */
@NullMarked
package io.leasehold.core.log;

import org.jspecify.annotations.NullMarked;
