/** What the log carries and what applying it answers. Immutable values; no thread of their own. */
@NullMarked
package io.leasehold.core.command;

import org.jspecify.annotations.NullMarked;
