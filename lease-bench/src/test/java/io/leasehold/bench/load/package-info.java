/** Tests of the package of the same name. */
@NullMarked
package io.leasehold.bench.load;

import org.jspecify.annotations.NullMarked;
