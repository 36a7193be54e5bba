"""Writes vectors.tsv: what libphonenumber says about some thousand texts of plus and digits.

It asks the oracle's functions and reads no metadata, so that it shares no code with generate.py.
"""

import random
from pathlib import Path

import phonenumbers
from phonenumbers import PhoneNumberType, ValidationResult
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE as REGIONS

OUTPUT = Path(__file__).parent / "vectors.tsv"

# How numbers begin that keep a 0 after the calling code; random digits seldom hit them.
ZEROS = "0 0004 000800 001800 001803 007803 0080 00800 0549 0800".split()

VERDICTS = {
    ValidationResult.IS_POSSIBLE: "possible",
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "local",
    ValidationResult.INVALID_COUNTRY_CODE: "unknown",
    ValidationResult.TOO_SHORT: "length",
    ValidationResult.TOO_LONG: "length",
    ValidationResult.INVALID_LENGTH: "length",
}


def number(code, national):
    """As the oracle has it; made, not parsed, because its parser rewrites some numbers."""
    zeros = len(national) - len(national.lstrip("0"))
    return phonenumbers.PhoneNumber(
        country_code=code,
        national_number=int(national),
        italian_leading_zero=True if zeros else None,
        number_of_leading_zeros=zeros if zeros > 1 else None,
    )


def verdict(code, national):
    if code not in REGIONS:
        return "unknown"
    made = number(code, national)
    if phonenumbers.is_valid_number(made):
        possible = phonenumbers.is_possible_number_with_reason(made)
        return "valid" if possible == ValidationResult.IS_POSSIBLE else VERDICTS[possible]
    return VERDICTS[phonenumbers.is_possible_number_with_reason(made)]


def zeros(chance, code):
    """Many national numbers that start with 0."""
    for length in range(4, 16 - len(str(code))):
        for prefix in ZEROS:
            if len(prefix) < length:
                for _ in range(200):
                    rest = (chance.choice("0123456789") for _ in range(length - len(prefix)))
                    yield prefix + "".join(rest)


def texts(chance):
    """Pairs of calling code and national number."""
    # Every calling code with every length, without and with a 0 in front.
    for code in REGIONS:
        for length in range(1, 17 - len(str(code))):
            rest = "".join(chance.choice("0123456789") for _ in range(length - 1))
            yield code, chance.choice("123456789") + rest
            if length > 3:
                yield code, "0" + rest
    # A number of every calling code that starts with 0 and is somebody's, where there is one.
    for code in REGIONS:
        found = [national for national in zeros(chance, code) if verdict(code, national) == "valid"]
        if found:
            yield code, found[0]
    # Every calling code that does not exist; all start with three digits that are no other's.
    for code in range(100, 1000):
        if not any(str(code).startswith(str(known)) for known in REGIONS):
            yield code, "".join(chance.choice("123456789") for _ in range(8))
    # Numbers that are like somebody's: an example of every kind in every region.
    for code, regions in REGIONS.items():
        for region in regions:
            for kind in PhoneNumberType.values():
                example = (
                    phonenumbers.example_number_for_non_geo_entity(code)
                    if region == "001"
                    else phonenumbers.example_number_for_type(region, kind)
                )
                if example:
                    national = phonenumbers.national_significant_number(example)
                    yield code, national
                    # One digit too many, and one too few.
                    yield code, national + "1"
                    yield code, national[:-1]


def main():
    chance = random.Random(20261124)
    rows = {f"+{code}{national}": verdict(code, national) for code, national in texts(chance)}
    head = f"# libphonenumber {phonenumbers.__version__}, made by vectors.py: text, verdict\n"
    OUTPUT.write_text(head + "".join(f"{text}\t{rows[text]}\n" for text in sorted(rows)))


if __name__ == "__main__":
    main()
