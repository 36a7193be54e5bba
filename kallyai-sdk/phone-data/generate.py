"""Writes ../src/phone/data.rs: what the library knows about phone numbers without libphonenumber."""

import re
import textwrap
from pathlib import Path

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE as REGIONS
from phonenumbers.phonemetadata import PhoneMetadata

from patterns import Language

OUTPUT = Path(__file__).parent.parent / "src/phone/data.rs"

# The countries whose emergency numbers are refused: the US, Canada, and 31 of Europe.
EMERGENCY_REGIONS = """US CA
    AT BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LT LU LV MT NL NO PL PT RO SE SI
    SK""".split()

# Kinds of numbers that cost what the caller expects.
ORDINARY = "fixed_line mobile toll_free shared_cost personal_number voip pager uan voicemail".split()

# A premium-rate prefix that takes more digits is not worth its place.
LONGEST_PREFIX = 6

# E.164 allows this many digits with the calling code.
MOST_DIGITS = 15


def metadata(code, region):
    if region == "001":
        return PhoneMetadata.metadata_for_nongeo_region(code)
    return PhoneMetadata.metadata_for_region(region)


def patterns(code, kinds):
    for region in REGIONS[code]:
        for kind in kinds:
            description = getattr(metadata(code, region), kind)
            if description and description.national_number_pattern:
                yield description.national_number_pattern


def lengths(code):
    """The lengths of national numbers, as bits. libphonenumber judges by the code's main region."""
    main = metadata(code, REGIONS[code][0])
    most = MOST_DIGITS - len(str(code))
    bits = sum(1 << length for length in main.general_desc.possible_length if length <= most)
    may_start_with_zero = Language(patterns(code, ["general_desc"])).after("0").alive()
    return bits | may_start_with_zero


def premium_prefixes(code):
    """The shortest prefixes after which only premium-rate numbers follow."""

    def walk(premium, ordinary, prefix):
        if not premium.alive():
            return
        if not ordinary.alive():
            yield prefix
        elif len(prefix) < LONGEST_PREFIX:
            for digit in "0123456789":
                yield from walk(premium.after(digit), ordinary.after(digit), prefix + digit)

    return list(
        walk(Language(patterns(code, ["premium_rate"])), Language(patterns(code, ORDINARY)), "")
    )


def area_codes():
    """The area codes of +1, by region."""
    by_region = {}
    for region in sorted(REGIONS[1]):
        language = Language(
            description.national_number_pattern
            for description in (metadata(1, region).fixed_line, metadata(1, region).mobile)
            if description and description.national_number_pattern
        )
        by_region[region] = [
            f"{first}{second}{third}"
            for first in "23456789"
            for second in "0123456789"
            for third in "0123456789"
            if language.after(first).after(second).after(third).alive()
        ]
    taken = [area for areas in by_region.values() for area in areas]
    assert len(taken) == len(set(taken)), "an area code of two countries"
    return by_region


def emergency_numbers():
    """All strings that the emergency patterns of the listed countries match whole."""
    found = set()
    for region in EMERGENCY_REGIONS:
        emergency = PhoneMetadata.short_metadata_for_region(region).emergency
        for length in emergency.possible_length:
            for number in range(10**length):
                text = str(number).zfill(length)
                if re.fullmatch(emergency.national_number_pattern, text):
                    found.add(text)
    return sorted(found, key=lambda text: (len(text), text))


def wrapped(items, indent):
    """The items in lines of at most 100 characters."""
    return textwrap.fill(
        ", ".join(items) + ",", 100, initial_indent=indent, subsequent_indent=indent
    )


def row(head, items, tail):
    """A row of a table; in several lines if one is too short."""
    line = f"    {head}&[{', '.join(items)}]{tail}"
    if len(line) <= 100:
        return line
    return f"    {head}&[\n{wrapped(items, ' ' * 8)}\n    ]{tail}"


def array(name, comment, kind, rows, size=None):
    rows = list(rows)
    return (
        "\n"
        + textwrap.fill(comment, 100, initial_indent="/// ", subsequent_indent="/// ")
        + "\n#[rustfmt::skip]\n"
        + f"pub(super) static {name}: [{kind}; {size or len(rows)}] = [\n"
        + "\n".join(rows)
        + "\n];\n"
    )


def main():
    codes = sorted(REGIONS)
    assert len(codes) == 215
    emergency = emergency_numbers()
    assert len(emergency) == 51
    all_regions = sorted({region for code in codes for region in REGIONS[code]} - {"001"})
    areas = area_codes()
    premium = {code: premium_prefixes(code) for code in codes}

    text = (
        "//! Made by phone-data/generate.py: change that, not this. From the metadata of Google's\n"
        f"//! libphonenumber {phonenumbers.__version__} (Apache-2.0).\n\n"
        "use super::region::{Region, regions};\n"
        f"\n#[rustfmt::skip]\nregions! {{\n{wrapped(all_regions, '    ')}\n}}\n"
    )
    text += array(
        "CALLING_CODES",
        "The calling codes in ascending order: bit n for national numbers of n digits, "
        "bit 0 for national numbers that start with 0.",
        "(u16, u16)",
        (f"    ({code}, 0b{lengths(code):019_b})," for code in codes),
    )
    text += array(
        "CODE_REGIONS",
        "Who has the calling codes, in the same order; nobody has those of international services.",
        "&[Region]",
        (
            row("", [f"Region::{region}" for region in REGIONS[code] if region != "001"], ",")
            for code in codes
        ),
    )
    text += array(
        "PREMIUM_PREFIXES",
        "How the premium-rate numbers of a calling code begin after it.",
        "(u16, &[&str])",
        (
            row(f"({code}, ", [f'"{prefix}"' for prefix in premium[code]], "),")
            for code in codes
            if premium[code]
        ),
    )
    text += array(
        "AREA_CODES",
        "The area codes of +1 that belong to a country.",
        "(Region, &[u16])",
        (row(f"(Region::{region}, ", areas[region], "),") for region in areas),
    )
    text += array(
        "EMERGENCY_NUMBERS",
        f"What reaches emergency services in {', '.join(EMERGENCY_REGIONS)}.",
        "&str",
        [wrapped([f'"{number}"' for number in emergency], "    ")],
        size=len(emergency),
    )
    OUTPUT.write_text(text)


if __name__ == "__main__":
    main()
