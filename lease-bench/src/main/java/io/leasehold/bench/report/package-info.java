/**
 * Figures, for people and for programs: a {@link io.leasehold.bench.report.Result} for each
 * scenario, a table, a line of JSON, and what two programs have to do with each other.
 */
@NullMarked
package io.leasehold.bench.report;

import org.jspecify.annotations.NullMarked;
