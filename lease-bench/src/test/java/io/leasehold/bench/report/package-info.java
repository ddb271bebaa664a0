/** Tests of the package of the same name. */
@NullMarked
package io.leasehold.bench.report;

import org.jspecify.annotations.NullMarked;
