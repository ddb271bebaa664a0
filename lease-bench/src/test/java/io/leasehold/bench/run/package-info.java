/** Tests of the package of the same name. */
@NullMarked
package io.leasehold.bench.run;

import org.jspecify.annotations.NullMarked;
