/** Tests of the pages. */
@NullMarked
package io.leasehold.jepsen.report;

import org.jspecify.annotations.NullMarked;
