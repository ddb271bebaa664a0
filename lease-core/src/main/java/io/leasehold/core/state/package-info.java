/** The deterministic state machine and the port to its storage. Confined to the apply thread. */
@NullMarked
package io.leasehold.core.state;

import org.jspecify.annotations.NullMarked;
