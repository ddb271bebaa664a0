/** Time as an argument: the one interface through which the domain meets a clock. */
@NullMarked
package io.leasehold.core.time;

import org.jspecify.annotations.NullMarked;
