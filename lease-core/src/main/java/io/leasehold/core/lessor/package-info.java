/** The leader's volatile half: deadlines, expiry and checkpoints of one leadership term. */
@NullMarked
package io.leasehold.core.lessor;

import org.jspecify.annotations.NullMarked;
