/**
 * Pages about a run for people to read: what was judged, what broke when, and what clients saw.
 * Start at {@link io.leasehold.jepsen.report.Report}.
 *
 * <p>Pages stand alone: no script, style or picture is fetched from elsewhere, and they say the
 * same with scripts off. Whatever comes from a run is escaped. Everything here works on stored
 * files, on the thread that calls; no clock is read.
 */
@NullMarked
package io.leasehold.jepsen.report;

import org.jspecify.annotations.NullMarked;
