/** Tests of the package of the same name. */
@NullMarked
package io.leasehold.bench.wire;

import org.jspecify.annotations.NullMarked;
