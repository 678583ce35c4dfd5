package org.secateur.models.onnx;

import org.secateur.results.core.Extent;

/**
 * Pixels around an image.
 *
 * @param before above and left of it
 * @param after below and right of it
 */
record Border(Extent before, Extent after) {
    static final Border NONE = alike(Extent.of(0));

    /** As many pixels on opposite sides. */
    static Border alike(Extent each) {
        return new Border(each, each);
    }

    boolean isNone() {
        return equals(NONE);
    }

    /** With as much more on each side as another has. */
    Border plus(Border other) {
        return new Border(plus(before, other.before), plus(after, other.after));
    }

    private static Extent plus(Extent a, Extent b) {
        return new Extent(a.height() + b.height(), a.width() + b.width());
    }

    /** Whether each side has less than this many. */
    boolean isBelow(Extent bound) {
        return Math.max(before.height(), after.height()) < bound.height()
                && Math.max(before.width(), after.width()) < bound.width();
    }

    /** What stands on opposite sides alike, within a bound. */
    Extent common(Extent most) {
        return new Extent(
                Math.min(most.height(), Math.min(before.height(), after.height())),
                Math.min(most.width(), Math.min(before.width(), after.width())));
    }

    /** What is left without so much on each side. */
    Border without(Extent each) {
        return new Border(
                new Extent(before.height() - each.height(), before.width() - each.width()),
                new Extent(after.height() - each.height(), after.width() - each.width()));
    }

    /** Height and width of an image with these pixels around it. */
    Extent around(Extent image) {
        return new Extent(
                before.height() + image.height() + after.height(), before.width() + image.width() + after.width());
    }
}
