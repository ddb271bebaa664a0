/** Tests of the history. */
@NullMarked
package io.leasehold.jepsen.history;

import org.jspecify.annotations.NullMarked;
