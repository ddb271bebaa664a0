/**
 * The bug bank: mistakes that somebody could make in the product, each with the run that must catch
 * it. Nothing of them is in the product; they are patches of its sources, and members run what was
 * compiled of those. Entry class: {@link io.leasehold.jepsen.bugs.BugBank}.
 */
@NullMarked
package io.leasehold.jepsen.bugs;

import org.jspecify.annotations.NullMarked;
